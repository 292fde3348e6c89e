import { courseResources } from './course-resources.ts';
import type { Resource } from './resource.ts';
import type { ExportService } from './services.ts';
import { studentResources } from './student-resources.ts';

/** How each service is exported. */
export const resources: Readonly<Record<ExportService, Resource>> = {
  ...studentResources,
  ...courseResources,
};
