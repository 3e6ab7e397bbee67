// The admin's searched choices (select2) have no name that a screen reader could say: they get their field's.
(function () {
  'use strict'

  function name (container) {
    const select = container.previousElementSibling
    const label = select && select.id && document.querySelector('label[for="' + CSS.escape(select.id) + '"]')
    if (!label) return
    label.id = label.id || select.id + '_label'
    const chosen = container.querySelector('.select2-selection__rendered')
    container.querySelectorAll('[role=combobox], [role=textbox]').forEach(function (part) {
      const says = chosen && chosen.id && part !== chosen ? ' ' + chosen.id : ''
      part.setAttribute('aria-labelledby', label.id + says)
    })
  }

  function nameAll () {
    document.querySelectorAll('.select2-container:not(.select2-container--open)').forEach(name)
    const search = document.querySelector('.select2-search__field:not([aria-label])')
    if (search) search.setAttribute('aria-label', 'Search')
  }

  document.addEventListener('DOMContentLoaded', function () {
    nameAll()
    new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true })
  })
})()
