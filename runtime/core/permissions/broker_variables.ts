/** The variables that name the broker, with its password: the first that is set wins. */
export const brokerVariables = ["AMQP_URL", "RABBITMQ_URL", "CLOUDAMQP_URL"] as const;
