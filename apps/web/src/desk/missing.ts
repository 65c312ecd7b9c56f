/** How long one stops typing before it is asked again, in ms. */
const pause = 500;

const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

function pictures(value: string): unknown {
  try {
    return JSON.parse(value || '[]');
  } catch {
    return [];
  }
}

/** The request as far as it is typed, as `cases.check` takes it. */
function requestOf(form: HTMLFormElement) {
  const data = new FormData(form);
  const text = (name: string) => String(data.get(name) ?? '').trim();
  const choice = (name: string) => text(name) || null;
  return {
    capacity: choice('capacity'),
    kind: choice('kind'),
    minor: choice('minor'),
    consent: choice('consent'),
    intimate: text('intimate') === 'yes',
    pictures: pictures(text('pictures')),
    places: linesOf(text('places')),
    words: text('words'),
    signature: text('signature'),
    contact: text('contact'),
    byPage: text('byPage') === 'yes',
    goodFaith: text('goodFaith') === 'yes',
  };
}

function element(name: string, text: string, className?: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  if (className !== undefined) made.className = className;
  return made;
}

/** Keeps the list of what is missing true while one types. Without an answer the list stays as it is. */
export function sayWhatIsMissing(form: HTMLFormElement): void {
  const list = form.querySelector<HTMLElement>('#missing');
  if (list === null) return;
  const labels = JSON.parse(list.dataset.labels ?? '{}') as Readonly<Record<string, string>>;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;

  const ask = async () => {
    const turn = ++asked;
    const response = await fetch('/api/cases/checks', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ request: requestOf(form) }),
    }).catch(() => undefined);
    if (response?.ok !== true || turn !== asked) return;
    const { missing } = (await response.json()) as { readonly missing: readonly string[] };
    if (missing.length === 0) {
      list.replaceChildren(element('p', list.dataset.whole ?? '', 'good'));
      return;
    }
    const items = document.createElement('ul');
    items.append(...missing.map((need) => element('li', labels[need] ?? need)));
    list.replaceChildren(
      element('p', list.dataset.missing ?? ''),
      items,
      element('p', list.dataset.incomplete ?? '', 'hint'),
    );
  };
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), pause);
  });
}
