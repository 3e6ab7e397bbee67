// The export page's "Select all", without script written into the page.
document.addEventListener('change', function (event) {
  'use strict'
  if (event.target.classList.contains('select-toggle')) window.onSelectToggleChange(event)
})
