// Runs before the first paint.
(() => {
  // A chosen theme never flashes in the other one.
  try {
    const theme = localStorage.getItem('accord.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {}

  // Who left in a hurry does not come back by the "back" button, only by the address.
  const stayAway = (cameBack) => {
    try {
      if (sessionStorage.getItem('accord.left') === null) return;
      if (cameBack) {
        document.documentElement.hidden = true;
        location.replace('/pause.html');
      } else sessionStorage.removeItem('accord.left');
    } catch {}
  };
  const [navigation] = performance.getEntriesByType('navigation');
  stayAway(navigation?.type === 'back_forward');
  addEventListener('pageshow', ({ persisted }) => persisted && stayAway(true));
})();
