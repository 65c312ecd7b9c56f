import { downloadZip } from 'client-zip';

/** Hands a file to the browser, under a name. */
function save(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // After the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export const saveText = (name: string, text: string, type = 'text/plain'): void =>
  save(name, new Blob([text], { type: `${type};charset=utf-8` }));

/** The files of a folder as one ZIP, uncompressed: their bytes are what was signed. */
export async function saveFolder(
  name: string,
  files: readonly { readonly name: string; readonly text: string }[],
): Promise<void> {
  const zip = downloadZip(files.map((file) => ({ name: `${name}/${file.name}`, input: file.text })));
  save(`${name}.zip`, await zip.blob());
}
