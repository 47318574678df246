/** The largest prefetch that AMQP can express. */
export const maxPrefetch = 65_535;
