/** The coordinator room: machines that decide on topics, and the journal they are replayed from. */
export {
  Coordinator,
  type CoordinatorOptions,
  openCoordinator,
  type OpenedCoordinator,
} from "./coordinator.ts";
export { type ReadImage, readImage } from "./journal/read_image.ts";
