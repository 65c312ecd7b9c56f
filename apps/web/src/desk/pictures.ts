import { scriptAddress } from '../trusted.ts';
import type { Fingerprint, Hashed } from './hash-worker.ts';
import workerAddress from './hash-worker.ts?worker&url';

interface Taken extends Fingerprint {
  readonly source: boolean;
}

/** As many as one request takes. */
const most = 8;

/**
 * Takes fingerprints of what is chosen, in a worker, and puts them into the form's hidden field. The choosers have no name, so
 * that no form can send what they hold.
 */
export function takeFingerprints(form: HTMLFormElement): void {
  const place = form.querySelector<HTMLElement>('#pictures');
  const field = form.querySelector<HTMLInputElement>('input[name=pictures]');
  const status = form.querySelector<HTMLElement>('#hashed');
  if (place === null || field === null || status === null) return;
  place.hidden = false;
  form.querySelector('#no-script')?.remove();
  const taken = readTaken(field.value);
  let worker: Worker | undefined;
  let next = 0;

  const said = (text: string) => {
    status.textContent = text;
  };
  const keep = () => {
    field.value = taken.length === 0 ? '' : JSON.stringify(taken);
    if (taken.length === 0) said('');
    else {
      said((place.dataset.hashed ?? '').replace('#', String(taken.length)));
      status.append(' ', forgetButton());
    }
  };
  const forgetButton = () => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = place.dataset.forget ?? '';
    button.addEventListener('click', () => {
      taken.length = 0;
      keep();
    });
    return button;
  };
  const hash = (file: File): Promise<Hashed> => {
    worker ??= new Worker(scriptAddress(workerAddress), { type: 'module', name: 'accord-fingerprint' });
    const running = worker;
    const id = next++;
    return new Promise((resolve) => {
      const hear = ({ data }: MessageEvent<Hashed>) => {
        if (data.id !== id) return;
        running.removeEventListener('message', hear);
        resolve(data);
      };
      running.addEventListener('message', hear);
      running.addEventListener('error', () => resolve({ id, fault: 'failed' }), { once: true });
      running.postMessage({ id, file });
    });
  };

  const listen = (chooser: HTMLInputElement | null, source: boolean) => {
    chooser?.addEventListener('change', async () => {
      const files = [...(chooser.files ?? [])];
      chooser.value = '';
      if (files.length > 0) said(place.dataset.hashing ?? '');
      let fault: 'failed' | 'flat' | undefined;
      for (const file of files.slice(0, most - taken.length)) {
        const answer = await hash(file);
        if ('fault' in answer) fault = answer.fault;
        else taken.push({ ...answer.print, source });
      }
      keep();
      if (fault !== undefined) status.prepend(`${place.dataset[fault] ?? ''} `);
    });
  };
  listen(form.querySelector('#picture'), false);
  listen(form.querySelector('#source'), true);
  keep();
}

function readTaken(value: string): Taken[] {
  try {
    return JSON.parse(value || '[]');
  } catch {
    return [];
  }
}
