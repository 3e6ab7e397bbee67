// How far the work has come, every three seconds; when it is done, the whole page. Without scripts: the link below it.
(function () {
  'use strict'
  async function look () {
    try {
      const answer = await fetch(window.location.href, { credentials: 'same-origin', redirect: 'manual' })
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const fresh = page.getElementById('progress')
      if (!answer.ok || !fresh) return window.location.reload()
      const shown = document.getElementById('progress')
      if (shown.textContent !== fresh.textContent) shown.replaceChildren(...fresh.childNodes)
    } catch (error) {
      // The network was away for a moment: the next look may find it again.
    }
    setTimeout(look, 3000)
  }
  setTimeout(look, 3000)
})()
