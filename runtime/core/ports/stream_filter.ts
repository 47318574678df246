/** The header by whose text a stream is filtered. RabbitMQ 4 ends the connection over one that is no text. */
export const filterValueHeader = "x-stream-filter-value";
