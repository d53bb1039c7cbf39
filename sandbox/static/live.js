// Keeps the parts of a page whose id begins with "live" fresh, without touching what somebody is typing elsewhere.
function showNewest() {
  for (const chat of document.querySelectorAll(".chat")) chat.scrollTop = chat.scrollHeight;
}

async function refresh() {
  const parts = document.querySelectorAll('[id^="live"]');
  if (parts.length && !document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const here of parts) {
        const fresh = page.getElementById(here.id);
        if (fresh && fresh.innerHTML !== here.innerHTML) {
          here.replaceWith(fresh);
          showNewest();
        }
      }
    } catch {
      // The sandbox was stopped or is busy: try again at the next tick.
    }
  }
  setTimeout(refresh, 1500);
}

showNewest();
setTimeout(refresh, 1500);
