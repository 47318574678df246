/** By hand with amqplib, on Node. Frameworks bring amqplib 0.10 along; this is the version that Hopper uses. */
import amqp from "amqplib-2";
import { byHand } from "./by_hand.ts";

await byHand(amqp.connect);
