/** The variables with the broker's URL, which may contain a password. The first one that is set is used. */
export const brokerVariables = ["AMQP_URL", "RABBITMQ_URL", "CLOUDAMQP_URL"] as const;
