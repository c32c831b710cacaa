const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has it, so stop that one or choose another port',
  EACCES: 'the system does not allow it',
  EADDRNOTAVAIL: 'this machine does not have this address',
  ENOTFOUND: 'this host name is not known',
  EAI_AGAIN: 'this host name can not be looked up now',
};

/** @returns one sentence for an address that can't be listened on; undefined for any other error */
export function describeListenError(error: unknown, host: string, port: number): string | undefined {
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  if (syscall !== 'listen' && syscall !== 'bind' && syscall !== 'getaddrinfo') return undefined;
  const why = REASONS[code] ?? code;
  return `Can not listen on port ${port} of ${host}: ${why}.`;
}
