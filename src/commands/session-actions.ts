/** The names of the session's buttons and of its form, as they come back from the platform. */
export const sessionActions = {
  start: 'session_start',
  confirm: 'session_confirm',
  end: 'session_end',
} as const;
