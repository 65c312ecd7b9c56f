import './desk.css';
import { leaveQuickly } from './leave.ts';
import { sayWhatIsMissing } from './missing.ts';
import { readRecordFile } from './record-file.ts';

leaveQuickly();

const form = document.querySelector<HTMLFormElement>('main form');
if (form?.querySelector('#pictures')) {
  // Only who chooses a picture loads what hashes it.
  import('./pictures.ts').then(({ takeFingerprints }) => takeFingerprints(form));
}
if (form !== null) sayWhatIsMissing(form);
readRecordFile();

const print = document.querySelector<HTMLButtonElement>('#print');
if (print !== null) {
  print.hidden = false;
  print.addEventListener('click', () => window.print());
}
