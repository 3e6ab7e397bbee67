// Warns before the session ends. The server ends it whether this runs or not.
//
// The server is asked again before the warning: another tab may have lengthened the session meanwhile.
(function () {
  'use strict'

  const dialog = document.getElementById('session-warning')
  if (!dialog) return
  const seconds = document.getElementById('session-seconds')
  const spoken = document.getElementById('session-spoken')
  const stay = document.getElementById('session-stay')
  const close = document.getElementById('session-close')
  const warning = Number(dialog.dataset.warning)
  let end = 0
  let limit = dialog.dataset.limit
  let timer = 0
  // Closing the last warning before the log-out that cannot be put off is for good.
  let dismissed = false

  const left = function () { return Math.ceil((end - Date.now()) / 1000) }

  function words (count) {
    const minutes = Math.floor(count / 60)
    const rest = count % 60
    const say = function (n, unit) { return n + ' ' + unit + (n === 1 ? '' : 's') }
    return [minutes && say(minutes, 'minute'), (rest || !minutes) && say(rest, 'second')].filter(Boolean).join(' ')
  }

  function set (answer) {
    end = Date.now() + answer.left * 1000
    limit = answer.limit
    tick()
  }

  // A lost connection is no log-out: ask again later, and let the server decide at the next page.
  function ask () {
    fetch(dialog.dataset.leftUrl, { headers: { Accept: 'application/json' }, cache: 'no-store' })
      .then(function (response) { return response.json() })
      .then(set)
      .catch(function () { again(5) })
  }

  function again (inSeconds) {
    window.clearTimeout(timer)
    timer = window.setTimeout(tick, Math.max(0.2, inSeconds) * 1000)
  }

  function show () {
    const fixed = limit === 'absolute'
    dialog.querySelectorAll('[data-for]').forEach(function (part) { part.hidden = part.dataset.for !== limit })
    stay.hidden = fixed
    close.hidden = !fixed
    if (!dialog.open && !dismissed) dialog.showModal()
    seconds.textContent = words(left())
    // Not every second: a screen reader would say nothing else.
    if (left() % 30 === 0 || left() === 10 || !spoken.textContent) spoken.textContent = words(left()) + ' left'
  }

  function tick () {
    const rest = left()
    if (rest <= 0) return leave()
    if (rest > warning) {
      if (dialog.open) dialog.close()
      spoken.textContent = ''
      return again(Math.min(rest - warning, 60))
    }
    show()
    again(1)
  }

  // What is on the screen is taken off it too; the server says why on the page that follows.
  function leave () {
    window.clearTimeout(timer)
    fetch(dialog.dataset.leftUrl, { headers: { Accept: 'application/json' }, cache: 'no-store' })
      .then(function (response) { return response.json() })
      .then(function (answer) {
        if (answer.left > 0) return set(answer)
        window.location.assign(dialog.dataset.logInUrl + '?next=' + encodeURIComponent(here()))
      })
      .catch(function () { document.body.hidden = true; again(5) })
  }

  function here () { return window.location.pathname + window.location.search }

  stay.addEventListener('submit', function (event) {
    event.preventDefault()
    fetch(stay.action, { method: 'POST', body: new FormData(stay), headers: { Accept: 'application/json' } })
      .then(function (response) {
        if (!response.ok) throw new Error('not lengthened')
        return response.json()
      })
      .then(set)
      .catch(leave)
  })
  close.addEventListener('click', function () { dismissed = true; dialog.close() })
  dialog.addEventListener('cancel', function (event) {
    // Esc means "I am here".
    event.preventDefault()
    if (limit === 'absolute') { close.click() } else { stay.requestSubmit() }
  })
  // A laptop that slept, a tab in the background: their timers stood still.
  document.addEventListener('visibilitychange', function () { if (!document.hidden) ask() })

  set({ left: Number(dialog.dataset.left), limit: limit })
})()
