//! Turns RELEASE.star into a graph of actions. Pure: the same words give the same graph. Reaches nothing except
//! through a promise.

