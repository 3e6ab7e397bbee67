// Says on the page that a security key did not work; allauth itself only writes it to the console.
document.addEventListener('allauth.error', function (event) {
  'use strict'
  event.preventDefault()
  document.getElementById('key-problem').hidden = false
})
