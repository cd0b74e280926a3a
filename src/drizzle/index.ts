export { coalesceRead } from './coalesce-read.js';
