"""Letters to readers, and the pages on which they ask for them and end them."""
