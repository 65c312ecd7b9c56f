/** A signed consent record as base64url CBOR, with what the one who saves it knows of it besides. */
interface SavedYes {
  readonly record: string | null;
}

/** Saves signed records as they are, so that anybody with the giver's key can check them, and the desk too. */
export function saveYeses(records: readonly SavedYes[]): void {
  const text = JSON.stringify({ format: 'accord-yeses/1', records }, null, 2);
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'accord-yeses.json';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
