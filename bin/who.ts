/** Who types: the operating system's user, by name where there is one. */
export function whoAmI(): string {
  return process.env.USER ?? `user ${process.getuid?.() ?? 'unknown'}`;
}
