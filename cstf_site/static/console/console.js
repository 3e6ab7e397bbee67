// What is folded on a narrow screen stands open on a wide one. Without scripts it is open everywhere.
(function () {
  'use strict'
  const seen = new WeakSet()

  function fold (part) {
    if (seen.has(part)) return
    seen.add(part)
    const narrow = window.matchMedia('(max-width: ' + part.dataset.foldBelow + ')')
    const set = function () { part.open = !narrow.matches }
    narrow.addEventListener('change', set)
    set()
  }

  const all = function () { document.querySelectorAll('details[data-fold-below]').forEach(fold) }
  document.addEventListener('DOMContentLoaded', all)
  all() // the menu stands before this script: it is folded before it is painted
})()
