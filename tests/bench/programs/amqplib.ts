/** By hand with amqplib, on Deno. */
import amqp from "amqplib";
import { byHand } from "./by_hand.ts";

await byHand(amqp.connect);
