/** The app's mark: a lens inside the corners of a box. */
export function Logo() {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" fill="none" strokeLinecap="round" aria-hidden="true">
      <path
        d="M5 11V7a2 2 0 0 1 2-2h4M21 5h4a2 2 0 0 1 2 2v4M27 21v4a2 2 0 0 1-2 2h-4M11 27H7a2 2 0 0 1-2-2v-4"
        stroke="currentColor"
        strokeWidth="2.6"
      />
      <circle cx="16" cy="16" r="5" stroke="var(--accent)" strokeWidth="3" />
    </svg>
  );
}
