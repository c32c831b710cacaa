import type { Command } from 'commander';
import { newGroup } from './command-line.ts';
import { profileGet } from './profile/get.ts';
import { profileSet } from './profile/set.ts';

/** `portrait profile`. */
export function profile(summary: string): Command {
  return newGroup('profile', summary, [profileGet(), profileSet()]);
}
