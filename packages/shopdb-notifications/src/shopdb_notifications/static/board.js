// A board for the wall: it turns its pages, keeps its clock, and finds its way back by itself.
(() => {
  "use strict";
  const body = document.body;
  const picture = document.querySelector("[data-picture]");
  const trouble = document.querySelector("[data-trouble]");
  const freshness = document.querySelector("[data-freshness]");
  const LATE_MS = 3000 * Number(body.dataset.tick); // three looks of the server without a sign of life
  const LONGEST_PAUSE_MS = 30_000;

  let heardAt = Date.now();
  let toldAt = new Date(freshness.dataset.at);
  let failures = 0;
  let source = null;
  let isGone = false;
  const turns = [0, 0];

  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const date = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

  function span(ms, isFine) {
    const minutes = Math.floor(Math.abs(ms) / 60_000);
    if (minutes < 1) return "under a minute";
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 24) return isFine ? `${hours} h ${minutes % 60} min` : `${hours} h`;
    const days = Math.floor(hours / 24);
    return isFine ? `${days} d ${hours % 24} h` : `${days} d`;
  }

  function showAges() {
    const now = Date.now();
    for (const time of picture.querySelectorAll("time[data-age]")) {
      const delta = now - new Date(time.dateTime).getTime();
      const told = span(delta, time.dataset.age !== "line");
      time.textContent = delta < 0 ? `in ${told}` : time.dataset.age === "since" ? told : `${told} ago`;
    }
  }

  function showClock() {
    const now = new Date();
    document.querySelector("[data-clock]").textContent = clock.format(now);
    document.querySelector("[data-date]").textContent = date.format(now);
    const isLate = Boolean(body.dataset.events) && Date.now() - heardAt > LATE_MS;
    body.classList.toggle("is-stale", isLate || isGone);
    freshness.textContent = isLate ? `Stale: as of ${clock.format(toldAt)}` : `As of ${clock.format(toldAt)}`;
    if (!isGone) {
      const text = `No connection since ${clock.format(new Date(heardAt))}. What you see is from then.`;
      say(isLate ? text : "");
    }
  }

  function say(text) {
    const told = trouble.querySelector("[data-trouble-text]");
    if (told.textContent !== text) told.textContent = text;
    trouble.hidden = text === "";
  }

  function showTurns() {
    picture.querySelectorAll("[data-pane]").forEach((pane, number) => {
      const slides = pane.querySelectorAll("[data-slide]");
      const dots = pane.querySelectorAll(".pages i");
      if (slides.length === 0) return;
      const at = turns[number] % slides.length;
      slides.forEach((slide, index) => slide.classList.toggle("is-on", index === at));
      dots.forEach((dot, index) => dot.classList.toggle("is-on", index === at));
    });
  }

  function turn() {
    turns.forEach((_, number) => { turns[number] += 1; });
    showTurns();
  }

  function hear(event) {
    const told = JSON.parse(event.data);
    heardAt = Date.now();
    toldAt = new Date(told.at);
    failures = 0;
    if (told.version !== body.dataset.version) reload();
    return told;
  }

  // Load the new page only when the server gives it whole: a blank screen helps nobody.
  async function reload() {
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.ok) location.reload();
    } catch { /* still away: the next sign of life tries again */ }
  }

  function connect() {
    source = new EventSource(body.dataset.events);
    source.addEventListener("alive", hear);
    source.addEventListener("picture", (event) => {
      picture.innerHTML = hear(event).html;
      showTurns();
      showAges();
    });
    source.addEventListener("gone", leave);
    // The browser comes back by itself after a cut; after a refusal, as during an upgrade, it would not.
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED && !isGone) comeBack();
    };
  }

  function comeBack() {
    failures += 1;
    const pause = Math.min(LONGEST_PAUSE_MS, 1500 * 2 ** Math.min(failures, 5));
    setTimeout(look, pause * (0.75 + Math.random() / 2));
  }

  async function look() {
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.status === 404) leave();
      if (answer.ok) return connect();
    } catch { /* no network yet */ }
    comeBack();
  }

  // The address was renewed or the board switched off: what it showed is no longer for this screen.
  function leave() {
    if (isGone) return;
    isGone = true;
    source.close();
    picture.replaceChildren();
    say("This board’s address is no longer valid. Ask whoever looks after ShopDB for the new one.");
    setTimeout(() => { isGone = false; look(); }, 60_000);
  }

  showTurns();
  showAges();
  showClock();
  setInterval(showClock, 1000);
  setInterval(showAges, 15_000);
  setInterval(turn, Number(body.dataset.rotate) * 1000);
  if (body.dataset.events) connect();
})();
