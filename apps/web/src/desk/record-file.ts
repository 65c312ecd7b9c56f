/** Larger than any file of records that the form could carry. */
const maxBytes = 80 * 1024;

/** Puts the text of a chosen file of consent records into its field, where it can be read before it is sent. */
export function readRecordFile(): void {
  const chooser = document.querySelector<HTMLInputElement>('#record-file');
  const field = document.querySelector<HTMLTextAreaElement>('#records');
  const wrap = chooser?.closest<HTMLElement>('[hidden]');
  if (chooser === null || field === null || wrap == null) return;
  wrap.hidden = false;
  chooser.addEventListener('change', async () => {
    const file = chooser.files?.[0];
    // Whatever is no text of that size is none of ours, and a picture least of all.
    if (file === undefined || file.size > maxBytes || file.type.startsWith('image/')) chooser.value = '';
    else field.value = await file.text();
  });
}
