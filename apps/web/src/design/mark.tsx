/** The mark of Accord: three circles that agree on one point, as the three yeses do. */
export function Mark({ size = 40 }: { readonly size?: number }) {
  return (
    <svg viewBox="0 0 48 48" width={size} height={size} aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" strokeWidth="3">
        <circle cx="24" cy="17" r="12.5" />
        <circle cx="17" cy="29" r="12.5" />
        <circle cx="31" cy="29" r="12.5" />
      </g>
      <path
        fill="currentColor"
        d="M24 18.644A12.5 12.5 0 0 1 29.478 28.237 12.5 12.5 0 0 1 18.522 28.237 12.5 12.5 0 0 1 24 18.644z"
      />
    </svg>
  );
}
