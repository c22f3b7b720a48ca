/** What the chat platform put into the address has been used; it does not stay in the history. */
history.replaceState(null, '', location.pathname);
