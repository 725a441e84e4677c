/**
 * The kernels on the Vector API; nothing outside this package knows it.
 *
 * <p>A vector is an object until C2 has compiled the kernel and inlined every call that takes or
 * returns one. Where a single call stays out of line, the kernel allocates for good. What C2
 * inlines depends on profiles, those of the JDK's methods included, and a profile is empty while a
 * method runs in tier 2, as it does whenever the compile queues are long. So a kernel must not need
 * one:
 *
 * <ul>
 *   <li>A vector or mask that a loop carries is an argument, never the receiver: {@code sum =
 *       x.add(sum)}, not {@code sum.add(x)}. Its class is unknown to C2 until the call that makes
 *       it is inlined, and that call, being virtual, waits for the class of its receiver. It must
 *       not start as a static constant either: C2 cannot merge an object on the heap with a
 *       register.
 *   <li>A loop calls methods of the JDK, or one level of our own helpers, which call the JDK only.
 *       A helper's call of a helper is refused as long as the profile between them is empty; so is
 *       any call of ours in a branch that was rarely taken: compute in any case, and choose the
 *       result.
 *   <li>A method whose loop calls a helper of ours is entered only when the loop goes around. C2
 *       inlines the helper where it was called at least once for four invocations of the method;
 *       thousands of calls with fewer elements than a vector would spoil that ratio for good, for
 *       the calls with many.
 *   <li>Nor is a loop method that calls a helper rarer than those beside it. The others are
 *       compiled by then and stay calls; the rare one is inlined into the caller, behind so many
 *       nodes that its helper no longer is.
 *   <li>A method has at most about 20 loads, stores and operations under masks: C1 gives up on
 *       larger ones in tier 3, and they stay in tier 2; beyond 18,000 nodes (an operation makes 200
 *       to 800) C2 inlines no helper of ours any more. Helpers have at most 325 bytecodes.
 *   <li>A method with a loop over segments casts each of them to the class of native ones first
 *       ({@code Lanes.NATIVE}). Until C2 takes over, {@code reinterpretAsInts} and its like go
 *       through an array, so that the profile of every vector load and store in the JVM names two
 *       kinds of segments as soon as one exponential has run; C2 would then choose between them in
 *       each iteration, fence each access, and be two to four times slower at anything bound by
 *       loads and stores.
 *   <li>One species of each element type: half a vector is a whole one under a mask.
 *   <li>No vector in a field or an array, no lambda.
 * </ul>
 */
package dev.lanewise.kernels.vector;
