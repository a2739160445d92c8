/** What loss and error are: one meaning each wherever they are shown, of classes and of real targets. */

/** To be followed by "on …" or ". ". */
export const LOSS_MEANING = 'Cross-entropy in nats; of real targets their mean squared error, standardised,'

export const ERROR_MEANING =
  'Share of wrong answers; of real targets the share of their variance that is left unexplained, 1 − R² (mean ' +
  'squared error over variance: above 100 % is worse than always saying the mean),'

export const RMSE_MEANING =
  'Root mean squared error in the target’s own unit, √(mean squared error) × the target’s standard deviation over ' +
  'the training part,'

export const CORRELATION_MEANING =
  'Mean inner product of the derivatives of all outputs at h_0 for two different test samples, over their mean ' +
  'squared length (gradient correlation, Balduzzi et al. 2017)'

/** What losses are counted in, as an axis says it. @param isReal whether samples have real targets */
export const lossUnit = (isReal: boolean): string => (isReal ? 'squared error' : 'nats')
