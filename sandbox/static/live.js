// Keeps the part of a page marked "live" fresh without touching what somebody is typing elsewhere in it.
function showNewest() {
  for (const chat of document.querySelectorAll(".chat")) chat.scrollTop = chat.scrollHeight;
}

async function refresh() {
  const here = document.getElementById("live");
  if (here && !document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("live");
      if (fresh && fresh.innerHTML !== here.innerHTML) {
        here.replaceWith(fresh);
        showNewest();
      }
    } catch {
      // The sandbox was stopped or is busy: try again at the next tick.
    }
  }
  setTimeout(refresh, 1500);
}

showNewest();
setTimeout(refresh, 1500);
