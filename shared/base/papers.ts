import {
  AISTATS,
  CVPR,
  ICLR,
  ICML,
  NEURIPS,
  TRICKS,
  article,
  onArxiv,
  proceedings,
  reference,
  type Reference,
} from './reference'

/**
 * The papers of blocks, operations, remedies and initialisations, and of what is measured and with what. The tables of
 * those say which are whose.
 */
const HE_AND_OTHERS = 'He, Kaiming; Zhang, Xiangyu; Ren, Shaoqing; Sun, Jian'

export const PAPERS = {
  // ---- Blocks
  prince2023: reference('book')(
    'prince2023understanding',
    'Prince, Simon J. D.',
    2023,
    'Understanding Deep Learning',
    {
      publisher: 'MIT Press',
    },
  ),
  he2016deep: proceedings('he2016deep', HE_AND_OTHERS, 2016, 'Deep Residual Learning for Image Recognition', {
    ...{ booktitle: CVPR, pages: '770--778', eprint: '1512.03385' },
  }),
  he2016identity: proceedings(
    'he2016identity',
    HE_AND_OTHERS,
    2016,
    'Identity Mappings in Deep Residual Networks',
    {
      ...{
        booktitle: 'European Conference on Computer Vision (ECCV)',
        pages: '630--645',
        eprint: '1603.05027',
      },
    },
  ),

  // ---- Operations and remedies
  ioffe2015: proceedings(
    'ioffe2015batch',
    'Ioffe, Sergey; Szegedy, Christian',
    2015,
    'Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift',
    { booktitle: ICML, pages: '448--456', eprint: '1502.03167' },
  ),
  ba2016: onArxiv(
    'ba2016layer',
    'Ba, Jimmy Lei; Kiros, Jamie Ryan; Hinton, Geoffrey E.',
    2016,
    'Layer Normalization',
    '1607.06450',
  ),
  wu2018: proceedings('wu2018group', 'Wu, Yuxin; He, Kaiming', 2018, 'Group Normalization', {
    ...{ booktitle: 'European Conference on Computer Vision (ECCV)', pages: '3--19', eprint: '1803.08494' },
  }),
  srivastava2014: article(
    'srivastava2014dropout',
    'Srivastava, Nitish; Hinton, Geoffrey; Krizhevsky, Alex; Sutskever, Ilya; Salakhutdinov, Ruslan',
    2014,
    'Dropout: A Simple Way to Prevent Neural Networks from Overfitting',
    { journal: 'Journal of Machine Learning Research', volume: '15', pages: '1929--1958' },
  ),
  huang2016: proceedings(
    'huang2016deep',
    'Huang, Gao; Sun, Yu; Liu, Zhuang; Sedra, Daniel; Weinberger, Kilian Q.',
    2016,
    'Deep Networks with Stochastic Depth',
    { booktitle: 'European Conference on Computer Vision (ECCV)', pages: '646--661', eprint: '1603.09382' },
  ),
  hayou2021: proceedings(
    'hayou2021stable',
    'Hayou, Soufiane; Clerico, Eugenio; He, Bobby; Deligiannidis, George; Doucet, Arnaud; Rousseau, Judith',
    2021,
    'Stable {ResNet}',
    { booktitle: AISTATS, eprint: '2010.12859' },
  ),
  zhang2019: proceedings(
    'zhang2019fixup',
    'Zhang, Hongyi; Dauphin, Yann N.; Ma, Tengyu',
    2019,
    'Fixup Initialization: Residual Learning Without Normalization',
    { booktitle: ICLR, eprint: '1901.09321' },
  ),
  de2020: proceedings(
    'de2020batch',
    'De, Soham; Smith, Samuel L.',
    2020,
    'Batch Normalization Biases Residual Blocks Towards the Identity Function in Deep Networks',
    { booktitle: NEURIPS, eprint: '2002.10444' },
  ),
  bachlechner2020: onArxiv(
    'bachlechner2020rezero',
    'Bachlechner, Thomas; Majumder, Bodhisattwa Prasad; Mao, Huanru Henry; Cottrell, Garrison W.; McAuley, Julian',
    2020,
    '{ReZero} is All You Need: Fast Convergence at Large Depth',
    '2003.04887',
  ),
  touvron2021: proceedings(
    'touvron2021going',
    'Touvron, Hugo; Cord, Matthieu; Sablayrolles, Alexandre; Synnaeve, Gabriel; Jégou, Hervé',
    2021,
    'Going Deeper with Image Transformers',
    {
      ...{ booktitle: 'IEEE/CVF International Conference on Computer Vision (ICCV)', pages: '32--42' },
      eprint: '2103.17239',
    },
  ),
  wang2022: onArxiv(
    'wang2022deepnet',
    'Wang, Hongyu; Ma, Shuming; Dong, Li; Huang, Shaohan; Zhang, Dongdong; Wei, Furu',
    2022,
    '{DeepNet}: Scaling Transformers to 1,000 Layers',
    '2203.00555',
  ),
  brock2021: proceedings(
    'brock2021characterizing',
    'Brock, Andrew; De, Soham; Smith, Samuel L.',
    2021,
    'Characterizing Signal Propagation to Close the Performance Gap in Unnormalized {ResNets}',
    { booktitle: ICLR, eprint: '2101.08692' },
  ),

  // ---- Initialisations
  he2015: proceedings(
    'he2015delving',
    HE_AND_OTHERS,
    2015,
    'Delving Deep into Rectifiers: Surpassing Human-Level Performance on {ImageNet} Classification',
    {
      booktitle: 'IEEE International Conference on Computer Vision (ICCV)',
      ...{ pages: '1026--1034', eprint: '1502.01852' },
    },
  ),
  lecun1998efficient: reference('incollection')(
    'lecun1998efficient',
    'LeCun, Yann; Bottou, Léon; Orr, Genevieve B.; Müller, Klaus-Robert',
    1998,
    'Efficient {BackProp}',
    { booktitle: TRICKS, publisher: 'Springer', pages: '9--50' },
  ),
  glorot2010: proceedings(
    'glorot2010understanding',
    'Glorot, Xavier; Bengio, Yoshua',
    2010,
    'Understanding the Difficulty of Training Deep Feedforward Neural Networks',
    { booktitle: AISTATS, pages: '249--256' },
  ),
  paszke2019: proceedings(
    'paszke2019pytorch',
    'Paszke, Adam; Gross, Sam; Massa, Francisco; others',
    2019,
    '{PyTorch}: An Imperative Style, High-Performance Deep Learning Library',
    { booktitle: NEURIPS, eprint: '1912.01703' },
  ),

  // ---- What is measured, and with what
  balduzzi2017: proceedings(
    'balduzzi2017shattered',
    'Balduzzi, David; Frean, Marcus; Leary, Lennox; Lewis, J. P.; Ma, Kurt Wan-Duo; McWilliams, Brian',
    2017,
    'The Shattered Gradients Problem: If Resnets are the Answer, then what is the Question?',
    { booktitle: ICML, pages: '342--350', eprint: '1702.08591' },
  ),
  veit2016: proceedings(
    'veit2016residual',
    'Veit, Andreas; Wilber, Michael J.; Belongie, Serge',
    2016,
    'Residual Networks Behave Like Ensembles of Relatively Shallow Networks',
    { booktitle: NEURIPS, eprint: '1605.06431' },
  ),
  abadi2016: proceedings(
    'abadi2016tensorflow',
    'Abadi, Martín; Barham, Paul; Chen, Jianmin; others',
    2016,
    '{TensorFlow}: A System for Large-Scale Machine Learning',
    {
      booktitle: 'USENIX Symposium on Operating Systems Design and Implementation (OSDI)',
      pages: '265--283',
    },
  ),
  smilkov2019: proceedings(
    'smilkov2019tensorflowjs',
    'Smilkov, Daniel; Thorat, Nikhil; Assogba, Yannick; others',
    2019,
    '{TensorFlow.js}: Machine Learning for the Web and Beyond',
    { booktitle: 'Proceedings of Machine Learning and Systems (MLSys)', eprint: '1901.05350' },
  ),
} as const satisfies Record<string, Reference>
