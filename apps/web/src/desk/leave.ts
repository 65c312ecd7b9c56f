/** Both presses of Esc within this time, in ms. */
const twice = 600;

function leave(): void {
  try {
    sessionStorage.setItem('accord.left', '1');
  } catch {
    // Without storage "back" may return; leaving is what matters.
  }
  document.documentElement.hidden = true;
  location.replace('/pause.html');
}

/** The link, and Esc twice: the page is gone at once, and "back" does not bring it back. */
export function leaveQuickly(): void {
  let pressed = Number.NEGATIVE_INFINITY;
  document.addEventListener('keydown', ({ key, timeStamp }) => {
    if (key !== 'Escape') return;
    if (timeStamp - pressed < twice) leave();
    pressed = timeStamp;
  });
  document.querySelector('[data-leave]')?.addEventListener('click', (event) => {
    event.preventDefault();
    leave();
  });
}
