// Runs before the first paint.
(() => {
  const root = document.documentElement;
  const kept = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };

  // A chosen theme never flashes in the other one.
  const theme = kept('accord.theme');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;

  // The page comes drawn, for a stranger and in the browser's language: for somebody else it waits for the app.
  const language = kept('accord.language');
  const member = location.pathname === '/' && kept('accord.member') === '1';
  if (member || (language !== null && language !== root.lang)) root.dataset.stale = '';

  // Leaving in a hurry works before anything else does: Esc twice within this time, in ms, or the button.
  const within = 600;
  const leave = () => {
    try {
      sessionStorage.setItem('accord.left', '1');
    } catch {
      // Storage can be forbidden: leaving comes first.
    }
    document.title = '\u200e';
    root.hidden = true;
    location.replace('/pause.html');
  };
  let lastEscape = Number.NEGATIVE_INFINITY;
  const onKey = (event) => {
    if (event.key !== 'Escape' || event.repeat) return;
    if (event.timeStamp - lastEscape < within) leave();
    lastEscape = event.timeStamp;
  };
  addEventListener('keydown', onKey, { capture: true });
  addEventListener('click', ({ target }) => target.closest?.('[data-leave]') && leave(), { capture: true });

  // Who left in a hurry does not come back by the "back" button, only by the address.
  const stayAway = (cameBack) => {
    try {
      if (sessionStorage.getItem('accord.left') === null) return;
      if (cameBack) {
        root.hidden = true;
        location.replace('/pause.html');
      } else sessionStorage.removeItem('accord.left');
    } catch {}
  };
  const [navigation] = performance.getEntriesByType('navigation');
  stayAway(navigation?.type === 'back_forward');
  addEventListener('pageshow', ({ persisted }) => persisted && stayAway(true));
})();
