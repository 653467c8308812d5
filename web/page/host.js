// Who gives this page to the browser: any host of files, or the program itself, which puts another file in this place.
export const served = false;
