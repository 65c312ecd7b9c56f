import styles from './landing.module.css';

/** Three circles that come together: where all three agree, and only there, something is possible. */
export function ThreeYeses() {
  return (
    <svg className={styles.drawing} viewBox="0 0 320 250" aria-hidden="true" focusable="false">
      <circle className={styles.first} cx="160" cy="88" r="74" />
      <circle className={styles.second} cx="120" cy="156" r="74" />
      <circle className={styles.third} cx="200" cy="156" r="74" />
      <path
        className={styles.agreed}
        d="M160 93.74A74 74 0 0 1 193.97 153.75 74 74 0 0 1 126.03 153.75 74 74 0 0 1 160 93.74z"
      />
      <path className={styles.tick} d="m146 137 10.5 10.5L176 128" />
    </svg>
  );
}
