/** The contents of the matrix below a folder, each made when it is asked for first. */
export class Contents {
  constructor(place: string);
}
