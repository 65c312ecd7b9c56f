import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { useMessages } from '../messages/index.ts';
import { classes } from './classes.ts';
import { BackIcon } from './icons.tsx';
import styles from './page.module.css';
import { scroller } from './scroller.ts';

interface PageProps {
  /** The heading. The document's title names the page only by `documentTitle`, never its content. */
  readonly title: string;
  /** Without content: no pseudonym, no message. By default the heading. */
  readonly documentTitle?: string;
  readonly lead?: ReactNode;
  /** Stands before the heading: somebody's avatar. */
  readonly media?: ReactNode;
  /** Where "back" goes. */
  readonly back?: string;
  readonly actions?: ReactNode;
  /** `narrow` for reading and forms, `wide` for lists. */
  readonly width?: 'narrow' | 'wide';
  readonly children: ReactNode;
}

/** No address where a page is drawn at the build. */
const arrivedAt = globalThis.location?.pathname;
let first = true;

/** After all pages of the first view have mounted: panes show two. */
function markArrived(): void {
  first = false;
}

/** A page: names the document and takes the focus to its heading when one arrives by a link. */
export function Page(props: PageProps) {
  const { title, documentTitle, lead, media, back, actions, width = 'narrow', children } = props;
  const t = useMessages().common;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${documentTitle ?? title} · Accord`;
  }, [documentTitle, title]);
  useEffect(() => {
    // On the first page of a visit the browser's own start of focus is right.
    if (!first || location.pathname !== arrivedAt) heading.current?.focus({ preventScroll: true });
    else queueMicrotask(markArrived);
    scroller().scrollTop = 0;
  }, []);
  return (
    <div className={classes(styles.page, styles[width])}>
      <header className={styles.head}>
        {back && (
          <Link href={back} className={styles.back}>
            <BackIcon size={20} />
            {t.back}
          </Link>
        )}
        <div className={styles.line}>
          <div className={styles.name}>
            {media}
            <h1 ref={heading} tabIndex={-1} className={styles.title} dir="auto">
              {title}
            </h1>
          </div>
          {actions}
        </div>
        {lead && <p className={styles.lead}>{lead}</p>}
      </header>
      {children}
    </div>
  );
}
