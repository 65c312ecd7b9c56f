import { ANCHOR_COUNT } from '@accord/perceptual';

/** The anchors that a request says of its crops, a byte each; null for a crop of which it says none that there is. */
export function anchorsOf(said: string | undefined): (at: number) => number | null {
  const bytes = Buffer.from(said ?? '', 'base64url');
  return (at) => {
    const anchor = bytes[at] ?? 0;
    return anchor >= 1 && anchor <= ANCHOR_COUNT ? anchor : null;
  };
}
