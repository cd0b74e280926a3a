import { InvalidArgumentError } from 'commander';

/** Roles of one or more `--grant-to`, each with one name or several between commas, for commander. */
export function roleListArgument(text: string, before: readonly string[] = []): readonly string[] {
  const roles = roleList(text);
  if (roles.includes('')) {
    throw new InvalidArgumentError('Give the name of a role, or several with commas between them.');
  }
  return [...before, ...roles];
}

/** Names between commas. */
export function roleList(text: string): readonly string[] {
  return text.split(',').map((role) => role.trim());
}
