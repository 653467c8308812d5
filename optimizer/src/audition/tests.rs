//! What an audition must hold, whoever listens.
