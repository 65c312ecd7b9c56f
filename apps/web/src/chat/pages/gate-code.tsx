import { useEffect, useState } from 'react';
import { useMessages } from '../../messages/index.ts';
import styles from './gate.module.css';

/** An address as a code for a phone, and as a link for whoever can't have it read. */
export function CodeForPhone({ url }: { readonly url: string }) {
  const t = useMessages().gate.wallet;
  const [drawn, setDrawn] = useState<{ readonly path: string; readonly size: number } | null>(null);
  useEffect(() => {
    let wanted = true;
    // The encoder is a few kilobytes that most people never need.
    void import('qr').then(({ default: encodeQR }) => {
      const rows = encodeQR(url, 'raw', { ecc: 'low', border: 3 });
      if (wanted) setDrawn({ path: pathOf(rows), size: rows.length });
    });
    return () => {
      wanted = false;
    };
  }, [url]);
  return (
    <div className={styles.code}>
      {drawn !== null && (
        <svg
          className={styles.drawn}
          viewBox={`0 0 ${drawn.size} ${drawn.size}`}
          role="img"
          aria-label={t.codeLabel}
          shapeRendering="crispEdges"
        >
          <path d={drawn.path} />
        </svg>
      )}
      <p role="status">{t.codeGood}</p>
      <p>{t.codeOwn}</p>
      <details className={styles.more}>
        <summary>{t.cantRead}</summary>
        <p>{t.cantReadHow}</p>
        <a href={url} className={styles.address}>
          {url}
        </a>
      </details>
    </div>
  );
}

/** Dark modules as one path: a run of them in a row is one rectangle. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  let path = '';
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x += 1) {
      if (row[x] !== true) continue;
      const from = x;
      while (row[x + 1] === true) x += 1;
      path += `M${from} ${y}h${x + 1 - from}v1H${from}z`;
    }
  }
  return path;
}
