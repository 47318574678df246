/** A report to write: several texts, whose words are counted. */
export interface Report {
  id: string;
  texts: string[];
}

/** One text of a report. */
export interface Part {
  report: string;
  /** Its place among the texts, from 0. */
  part: number;
  /** How many texts the report has. */
  of: number;
  text: string;
}

/** What was counted in one text. */
export interface Counted extends Omit<Part, "text"> {
  words: number;
}
