import { Component, type ReactNode } from 'react';
import { Button, EmptyState, WarnIcon } from '../design/index.ts';
import { messages } from '../messages/index.ts';

interface State {
  readonly crashed: boolean;
}

/**
 * Catches what a page could not: a fault of ours, or a file of a release that is gone. Nothing of it is
 * sent anywhere; loading again gets the current release.
 */
export class Crash extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { crashed: false };

  static getDerivedStateFromError(): State {
    return { crashed: true };
  }

  override render(): ReactNode {
    if (!this.state.crashed) return this.props.children;
    const t = messages().common;
    return (
      <main aria-live="assertive">
        <EmptyState
          icon={WarnIcon}
          title={t.failedTitle}
          action={<Button onClick={() => location.reload()}>{t.reload}</Button>}
        >
          {t.crashed}
        </EmptyState>
      </main>
    );
  }
}
