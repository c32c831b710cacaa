/** Names the engines between which `portrait migrate-store` moves a store. */
export { moveStore } from './move-store/move-store.ts';
