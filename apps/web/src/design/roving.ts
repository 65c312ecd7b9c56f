import type { KeyboardEvent } from 'react';

/** Keys that move within a list laid out along an axis. */
const steps: Record<'vertical' | 'horizontal', Readonly<Record<string, -1 | 1>>> = {
  vertical: { ArrowDown: 1, ArrowUp: -1 },
  horizontal: { ArrowRight: 1, ArrowLeft: -1 },
};

/**
 * Moves the focus among the items of a container by arrows, Home and End (WAI-ARIA roving focus).
 * Returns true where the key was taken.
 */
export function moveFocus(
  event: KeyboardEvent<HTMLElement>,
  selector: string,
  axis: 'vertical' | 'horizontal',
): boolean {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>(selector)];
  if (items.length === 0) return false;
  const at = items.indexOf(document.activeElement as HTMLElement);
  const mirrored = axis === 'horizontal' && getComputedStyle(event.currentTarget).direction === 'rtl';
  const step = (steps[axis][event.key] ?? 0) * (mirrored ? -1 : 1);
  const edge = event.key === 'Home' ? 0 : event.key === 'End' ? items.length - 1 : null;
  if (step === 0 && edge === null) return false;
  event.preventDefault();
  items[edge ?? (at + step + items.length) % items.length]?.focus();
  return true;
}
